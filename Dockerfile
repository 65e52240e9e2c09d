# One image for the API, the worker and the tools; docker-compose.yml says which of them a container is.
FROM node:24-slim AS dependencies
WORKDIR /tenure
COPY package.json package-lock.json .npmrc ./
COPY activities/package.json activities/
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
COPY demo/package.json demo/
COPY libs/config/package.json libs/config/
COPY libs/connectors/package.json libs/connectors/
COPY libs/domain/package.json libs/domain/
COPY libs/notices/package.json libs/notices/
COPY libs/protocols/package.json libs/protocols/
COPY libs/store/package.json libs/store/
COPY libs/telemetry/package.json libs/telemetry/
COPY libs/temporal/package.json libs/temporal/
COPY tools/package.json tools/link-node.js tools/
COPY workflows/package.json workflows/
# The image brings Node itself; the one that package.json pins is for machines that do not.
RUN npm ci --omit=dev --workspace=apps/api --workspace=apps/worker --include-workspace-root \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production NODE_OPTIONS="--import=/tenure/tools/load-typescript.js" HOST=0.0.0.0 PORT=4000 TENURE_CONFIG=/configuration
WORKDIR /tenure
COPY --from=dependencies /tenure ./
COPY LICENSE tsconfig.json ./
COPY libs libs
COPY activities activities
COPY workflows workflows
COPY apps apps
COPY tools tools
RUN install -d -o node -g node -m 700 /anchors
# Nothing below /tenure is ever written, so the user who runs it owns none of it.
USER node
EXPOSE 4000
CMD ["node", "apps/api/main.ts"]
