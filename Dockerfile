# One image for the API, the worker and the tools; docker-compose.yml says which of them a container is.

# What npm installs by: every workspace's package.json, found and not named one by one. Layers after it are kept while these are the same.
FROM node:24-slim AS manifests
WORKDIR /sources
COPY . .
RUN mkdir /manifests && find . -name package.json -not -path '*/node_modules/*' -exec cp --parents -t /manifests {} + \
  && cp --parents -t /manifests package-lock.json .npmrc tools/link-node.js

FROM node:24-slim AS build
WORKDIR /tenure
COPY --from=manifests /manifests ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /tenure
COPY --from=manifests /manifests ./
# Optional are Node itself, which the image brings, and compilers that only a build needs. Temporal's package holds its program for five platforms.
RUN npm ci --omit=dev --omit=optional --workspace=apps/api --workspace=apps/worker \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24-slim
# The last three keep a process small: two heaps of the C library instead of one for each thread, less room for what lives a moment, and a limit (in MB)
# from which V8 takes how far the heap may grow before it is collected: to one and a half times what is in use, instead of four times.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 TENURE_CONFIG=/configuration MALLOC_ARENA_MAX=2 \
  NODE_OPTIONS="--import=/tenure/dist/tools/source-maps.js --max-semi-space-size=16 --max-old-space-size=1024"
WORKDIR /tenure
COPY LICENSE package.json ./
COPY --from=dependencies /tenure/node_modules node_modules
COPY --from=build /tenure/dist dist
RUN install -d -o node -g node -m 700 /anchors
# Nothing below /tenure is ever written, so the user who runs it owns none of it.
USER node
EXPOSE 4000
CMD ["node", "dist/apps/api/main.js"]
