from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def own_digest_as_base(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Releases so far drew on no knowledge."""
    apps.get_model("work", "Release").objects.using(schema_editor.connection.alias).update(base=F("digest"))


class Migration(migrations.Migration):
    dependencies = [("work", "0002_privacy")]

    operations = [
        migrations.AddField("draft", "grounds_sealed", models.BinaryField(null=True)),
        migrations.AddField("draft", "drew_on", models.TextField(blank=True, default="")),
        migrations.AddField("release", "base", models.CharField(db_index=True, default="", max_length=64)),
        migrations.RunPython(own_digest_as_base, migrations.RunPython.noop),
    ]
