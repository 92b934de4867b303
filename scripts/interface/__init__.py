"""What people meet: the command line, the terminal, spreadsheets."""
