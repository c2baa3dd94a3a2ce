"""HTTP: the service as the home page and whoever is on call see it."""

from flask import Flask, Response, jsonify, request

from matinee.service import Service


def create_app(service: Service) -> Flask:
    """Wrap a service; its threads are those of the server."""
    app = Flask("matinee")

    @app.get("/rows/<viewer>")
    def row(viewer: str) -> Response:
        shown = [film for film in request.args.get("shown", "").split(",") if film]
        return jsonify(service.recommend(viewer, request.args.get("n", 10, type=int), shown))

    @app.get("/metrics")
    def metrics() -> Response:
        lines = [f"matinee_{name} {value:.15g}\n" for name, value in service.metrics().items()]
        return Response(lines, mimetype="text/plain")

    return app
