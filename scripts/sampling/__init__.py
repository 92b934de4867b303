"""Generated inputs with the truth beside them."""
