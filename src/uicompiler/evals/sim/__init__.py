"""Simulated models and providers: answers of six personalities, in process or over loopback."""
