"""How right the links are, judged by cases, pairs and the warehouse itself."""
