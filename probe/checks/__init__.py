"""How each service is measured: one protocol a module, and none knows another."""
