"""The smallest site around emta.py; sessions are kept in memory."""
import secrets
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils.html import escape
from django.views.decorators.http import require_POST

settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    INSTALLED_APPS=["django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
)
django.setup()


def page(text, status=200):
    return HttpResponse(f"<!doctype html><title>Shop</title><p>{text}", status=status)


def home(request):
    return page('<a href="/login">Sign in</a> <a href="/account">Account</a>')


def account(request):
    person = request.session.get("person")
    if person is None:
        return page('Please <a href="/login">sign in</a>', 401)
    return page(f"Hello {escape(person['name'])}, {escape(person['mobile'] or 'no proven number')}")


def me(request):
    person = request.session.get("person")
    return JsonResponse(person or {}, status=200 if person else 401)


@require_POST
def logout(request):
    request.session.flush()
    return redirect("/")


urlpatterns = [
    path("", include("emta")),
    path("", home),
    path("account", account),
    path("api/me", me),
    path("logout", logout),
]

if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", "8080"])
