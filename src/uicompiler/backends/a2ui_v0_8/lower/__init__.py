"""IR nodes to A2UI components: one module a group of nodes, one table in `view`."""
