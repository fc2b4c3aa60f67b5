"""Reports: what people and programs read. Pure: they are handed what was found and print nothing themselves."""
