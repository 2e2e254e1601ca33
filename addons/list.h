/* Every addon: a folder below this one, and a row here. */
ADDON(nats)
ADDON(elasticsearch)
ADDON(pvc)
ADDON(mysql)
ADDON(mariadb)
ADDON(perconaxtradb)
