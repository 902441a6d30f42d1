# syntax=docker/dockerfile:1
# Two images from one file:
#
#   docker build -t retusche:light .                 API, CPU worker, keeper; no torch
#   docker build -t retusche:gpu --target gpu .      GPU worker; CUDA comes with torch's wheels
#
# Weights are pulled into a volume (docker-compose.yml), or baked in by a build argument:
#
#   docker build -t retusche:light --build-arg WEIGHTS=default .    the default steps' weights
#   docker build -t retusche:light --build-arg WEIGHTS=all .        the whole catalogue
#
# Behind a package proxy, pip's configuration is a build secret, so that it is in no layer:
#
#   docker build --secret id=pip.conf,src=$HOME/.config/pip/pip.conf .
#
# Which versions are installed: constraints.txt. Pin the base image by digest in production:
#   --build-arg PYTHON_IMAGE=python:3.12-slim-trixie@sha256:…
ARG PYTHON_IMAGE=python:3.12-slim-trixie

# ---- what both images build on -----------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_INPUT=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/retusche
ENV PATH=/opt/retusche/bin:$PATH
COPY pyproject.toml constraints.txt docker/requirements.py ./

FROM build AS light-dependencies
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python requirements.py otel > requirements.txt \
    && pip install --constraint constraints.txt --requirement requirements.txt

FROM build AS gpu-dependencies
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python requirements.py gpu otel > requirements.txt \
    && pip install --constraint constraints.txt --requirement requirements.txt

FROM build AS wheel
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    pip install --constraint constraints.txt setuptools
COPY README.md LICENSE ./
COPY steps steps
COPY connector connector
COPY comfy_bridge comfy_bridge
# No isolation: the build backend is the pinned setuptools, not the newest.
RUN pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels .

# The weights are files of their own: the same layer serves both images, whatever changes in the code.
FROM light-dependencies AS weights
ARG WEIGHTS=none
ENV RETUSCHE_WEIGHTS_DIR=/srv/retusche/weights
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    mkdir -p /srv/retusche/weights \
    && pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
    && case "$WEIGHTS" in \
         none) ;; \
         default) retusche models pull ;; \
         all) retusche models pull --all ;; \
         *) echo "WEIGHTS=$WEIGHTS must be none, default or all" >&2; exit 2 ;; \
       esac

# ---- what both images run on -------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS runtime
# tini passes signals on and reaps what a killed worker leaves behind. Debian keeps one version only
# in its index, so a pinned one would break the build at the next update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 retusche \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /srv/retusche --shell /usr/sbin/nologin retusche \
    && install --directory --owner=10001 --group=10001 --mode=0750 /srv/retusche /srv/retusche/data /srv/retusche/weights
# The file system may be read-only: nothing is written but in the data folder, in /tmp and, by
# `retusche models pull`, in the weights' folder.
ENV PATH=/opt/retusche/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RETUSCHE_DATA_DIR=/srv/retusche/data \
    RETUSCHE_WEIGHTS_DIR=/srv/retusche/weights \
    XDG_CACHE_HOME=/tmp/cache
COPY --chmod=0444 docker/healthcheck.py /usr/local/share/retusche/healthcheck.py
WORKDIR /srv/retusche
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "retusche"]

# ---- the GPU worker ----------------------------------------------------------------------------
FROM runtime AS gpu
LABEL org.opencontainers.image.title="Retusche, GPU worker" \
      org.opencontainers.image.licenses="Apache-2.0"
# What the NVIDIA container runtime passes in; it does nothing elsewhere.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=gpu-dependencies /opt/retusche /opt/retusche
COPY --from=weights --chown=10001:10001 /srv/retusche/weights /srv/retusche/weights
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
USER 10001:10001
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "/usr/local/share/retusche/healthcheck.py", "process", "retusche", "worker"]
CMD ["worker", "--queues", "gpu"]

# ---- API, CPU worker, keeper: the last stage, so that a plain `docker build .` makes this one ------
FROM runtime AS light
LABEL org.opencontainers.image.title="Retusche" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=light-dependencies /opt/retusche /opt/retusche
COPY --from=weights --chown=10001:10001 /srv/retusche/weights /srv/retusche/weights
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
USER 10001:10001
EXPOSE 8000
# Of the API. A worker's or a keeper's container says `process retusche worker` instead.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/usr/local/share/retusche/healthcheck.py", "http"]
CMD ["serve"]
