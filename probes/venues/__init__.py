"""One folder a venue: wire messages, signing, reference client, simulator."""
