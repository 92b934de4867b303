"""From a file in any form to its raw table, with every record accounted for."""
