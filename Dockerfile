FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
WORKDIR /srv/counteroffer

COPY requirements.txt requirements-postgres.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    --requirement requirements.txt --requirement requirements-postgres.txt

COPY pyproject.toml requirements.in requirements-postgres.in README.md LICENSE ./
COPY engine engine
COPY intake intake
COPY models models
COPY ledger ledger
COPY training training
COPY api api
COPY batch batch
COPY commands commands
COPY rulebook rulebook
COPY mappings mappings
RUN python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable .

RUN useradd --system --uid 10001 --no-create-home counteroffer \
    && install --directory --owner counteroffer --mode 0700 var
USER 10001
VOLUME ["/srv/counteroffer/var"]

EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/ready', timeout=2)"]
CMD ["counteroffer", "serve", "--host", "0.0.0.0", "--port", "8000"]
