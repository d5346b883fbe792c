from django.urls import path

from graftwork.apps.desk.views import decisions, item, knowledge, preferences, queue

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("start", queue.start, name="start"),
    path("next", decisions.claim_next, name="next"),
    path("give-back", decisions.give_back, name="give-back"),
    path("items/<uuid:item_id>", item.item, name="item"),
    path("items/<uuid:item_id>/open", item.open_item, name="open"),
    path("items/<uuid:item_id>/renew", item.renew, name="renew"),
    path("items/<uuid:item_id>/diff", item.diff, name="diff"),
    path("items/<uuid:item_id>/progress", item.progress, name="progress"),
    path("items/<uuid:item_id>/missed", decisions.missed, name="missed"),
    path("items/<uuid:item_id>/skip", decisions.skip, name="skip"),
    path("items/<uuid:item_id>/decide", decisions.decide, name="decide"),
    path("reviews/<uuid:review_id>/undo", decisions.undo, name="undo"),
    path("knowledge", knowledge.knowledge, name="knowledge"),
    path("knowledge/documents/<uuid:document_id>", knowledge.document, name="document"),
    path("preferences", preferences.preferences, name="preferences"),
    path("csrf-token", preferences.csrf_token, name="csrf-token"),
]
