"""A second opinion: a people detector that shares neither architecture nor weights with the product's."""
