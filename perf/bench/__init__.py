"""Compare boomtalk with other tools: same work, requests as the server counts them, CPU time."""
