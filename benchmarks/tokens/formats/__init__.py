"""How each format spells a screen: modules with `write(steps)`."""
