#!/bin/sh
# Adds a machine to a cluster: node.sh HEAD:6379 SHARDS. Runs until it is interrupted.
set -eu
export RAY_AUTH_MODE=token RAY_USAGE_STATS_ENABLED=0
ulimit -n "$(ulimit -Hn)"
exec ray start --block --address="$1" --num-cpus="$2"
