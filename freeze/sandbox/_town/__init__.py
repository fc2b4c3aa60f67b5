"""The council that practice is made of."""
