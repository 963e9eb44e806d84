"""Inventories for tests, from the lines that matter."""

from textwrap import dedent, indent

from flows.expansion import expand
from flows.inventory import Inventory
from flows.inventory_reading import read_inventory
from flows.plan import Plan

MIGRATION = 'migration: {name: acme, from: "2.6", to: "2.7.1"}\n'


def estate(hosts: str, rest: str = "") -> Inventory:
    """Read an inventory of these hosts, one a line, and these further sections."""
    entries = indent(dedent(hosts).strip(), "  ")
    return read_inventory(f"{MIGRATION}hosts:\n{entries}\n{dedent(rest)}", "inventory.yaml")


def plan_of(hosts: str, rest: str = "") -> Plan:
    """Expand an inventory of these hosts, one a line, and these further sections."""
    return expand(estate(hosts, rest))
