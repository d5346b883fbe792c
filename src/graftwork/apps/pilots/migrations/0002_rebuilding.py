from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pilots", "0001_initial")]

    operations = [
        migrations.AddField(model_name="pilot", name="rebuilding_at", field=models.DateTimeField(null=True)),
    ]
