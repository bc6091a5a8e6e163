# syntax=docker/dockerfile:1

# Builds the server and gathers it with its production dependencies in /prod.
FROM node:24-slim AS build
# The version that package.json names as packageManager.
RUN npm install --global --no-audit --no-fund pnpm@11.28.11
ENV CI=true TURBO_TELEMETRY_DISABLED=1
WORKDIR /repo
# The lockfile alone decides what is downloaded: this layer is kept until it changes.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN pnpm fetch
COPY . .
RUN pnpm install --frozen-lockfile --offline \
 && pnpm exec turbo run build --filter=@org/api... \
 && pnpm --filter @org/api --prod --config.inject-workspace-packages=true deploy /prod

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000
WORKDIR /app
COPY --from=build /prod/package.json ./
COPY --from=build /prod/node_modules ./node_modules
COPY --from=build /prod/openapi.json ./
COPY --from=build /prod/dist ./dist
# Only ./data is writable, and only needed with SQLite; everything else belongs to root.
RUN mkdir data && chown node:node data
VOLUME /app/data
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The server handles SIGTERM itself and starts no foreign processes; run with --init if a hook of yours does.
CMD ["node", "dist/main.js"]
