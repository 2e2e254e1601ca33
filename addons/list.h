/* Every addon: a folder below this one, and a row here. */
ADDON(nats)
ADDON(elasticsearch)
ADDON(pvc)
ADDON(postgres)
ADDON(mariadb)
ADDON(mysql)
ADDON(perconaxtradb)
ADDON(redis)
