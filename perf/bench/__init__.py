"""boomtalk beside other tools: the same work, the server's count, the client's CPU time."""
