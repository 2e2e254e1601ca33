ADDON(template)
