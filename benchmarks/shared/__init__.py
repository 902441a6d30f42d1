"""What every benchmark needs: the machine's description, processes of their own, tables."""
