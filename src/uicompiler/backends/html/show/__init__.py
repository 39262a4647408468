"""What each node becomes in HTML: functions that give a template its values, one module a group."""
