from django.urls import path

from graftwork.apps.adoption.views import own, spending, training, usecases

app_name = "adoption"
urlpatterns = [
    path("", usecases.overview, name="overview"),
    path("use-cases/<slug:name>", usecases.usecase, name="usecase"),
    path("use-cases/<slug:name>/invite", usecases.invite, name="invite"),
    path("use-cases/<slug:name>/people/<int:user_id>", usecases.person, name="person"),
    path("use-cases/<slug:name>/survey", usecases.open_survey, name="open-survey"),
    path("use-cases/<slug:name>/feedback", usecases.feedback, name="feedback-list"),
    path("training", training.training, name="training"),
    path("training/<slug:code>/complete", training.complete, name="complete"),
    # No module is called `new-module`: codes have no dash.
    path("modules", training.modules, name="modules"),
    path("modules/new-module", training.new_module, name="new-module"),
    path("modules/<slug:code>", training.module, name="module"),
    path("modules/<slug:code>/retire", training.retire, name="retire"),
    path("survey", own.surveys, name="surveys"),
    path("survey/<int:survey_id>", own.survey, name="survey"),
    path("survey/<int:survey_id>/close", usecases.close_survey, name="close-survey"),
    path("feedback/<uuid:item_id>", own.feedback, name="feedback"),
    path("feedback/<uuid:feedback_id>/seen", usecases.seen, name="seen"),
    path("pilots/<slug:pilot>/spend", spending.spend, name="spend"),
    path("pilots/<slug:pilot>/spend/<int:spend_id>/remove", spending.remove, name="remove-spend"),
]
