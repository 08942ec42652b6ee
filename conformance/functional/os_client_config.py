"""Debian's python3-os-client-config lacks a file, without which no client of an old kind can be made: what would be in it."""
import os_client_config.constructors

os_client_config.constructors.get_constructor_mapping = lambda: {'identity': 'keystoneclient.client.Client'}
