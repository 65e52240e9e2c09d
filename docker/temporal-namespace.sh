#!/bin/sh
# Makes the namespace that Tenure's lives run in. The worker adds its search attributes itself.
set -eu

until temporal operator cluster health; do sleep 2; done
temporal operator namespace describe --namespace tenure >/dev/null 2>&1 || temporal operator namespace create --namespace tenure --retention 30d
