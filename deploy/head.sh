#!/bin/sh
# Starts the first machine of a cluster: head.sh ADDRESS SHARDS. Runs until it is interrupted.
set -eu
export RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0
# With these values Ray notices a dead node after seconds; by default it takes about a minute.
export RAY_health_check_period_ms=1000 RAY_health_check_timeout_ms=2000 RAY_health_check_failure_threshold=3
ulimit -n "$(ulimit -Hn)"
ray get-auth-token --generate > /dev/null
chmod 600 ~/.ray/auth_token
exec ray start --head --block --node-ip-address="$1" --port=6379 --num-cpus="$2" --include-dashboard=false
