"""What a host tells whoever runs it: log, metrics, spans; codes, ids and numbers only."""
