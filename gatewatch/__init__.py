"""The front door: the command line of the operator, and the demo."""
