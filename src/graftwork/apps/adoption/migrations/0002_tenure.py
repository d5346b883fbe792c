from typing import Any

from django.db import migrations, models

from graftwork.core.adoption import tenure_band


def note_tenure(apps: Any, schema_editor: Any) -> None:
    """Days that were counted before get the tenure as it is known now."""
    del schema_editor
    days = apps.get_model("adoption", "UseDay").objects
    users = apps.get_model("accounts", "User").objects
    invitations = apps.get_model("adoption", "Invitation").objects.filter(works_since__isnull=False)
    joined = {pk: moment.date() for pk, moment in users.values_list("pk", "date_joined")}
    told = {(use_case, pk): day for use_case, pk, day in invitations.values_list("use_case", "user_id", "works_since")}
    changed = []
    for row in days.iterator(chunk_size=1_000):
        row.tenure = tenure_band(told.get((row.use_case, row.user_id), joined.get(row.user_id)), row.day)
        changed.append(row)
        if len(changed) == 1_000:
            days.bulk_update(changed, ["tenure"])
            changed = []
    days.bulk_update(changed, ["tenure"])


class Migration(migrations.Migration):
    dependencies = [("adoption", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="useday",
            name="tenure",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.RunPython(note_tenure, migrations.RunPython.noop),
    ]
