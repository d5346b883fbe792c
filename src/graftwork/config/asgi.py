from django.conf import settings
from django.core.asgi import get_asgi_application

from graftwork.config.body import BoundedBody

application = BoundedBody(get_asgi_application(), settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
