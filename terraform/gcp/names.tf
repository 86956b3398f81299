locals {
  firestore_location = coalesce(var.firestore_location, var.region)
  # where Eventarc listens for a database that lives in several regions
  trigger_region = lookup({ nam5 = "us-central1", eur3 = "europe-west4" }, local.firestore_location, local.firestore_location)

  # Cloud Run's address that is known before the service exists. A function can't be given its own address otherwise.
  host     = "${var.name}-ingest-${data.google_project.this.number}.${var.region}.run.app"
  url      = "https://${local.host}"
  audience = coalesce(var.audience, local.url)

  functions = {
    ingest = {
      entry_point = "ingest"
      event       = null
      memory      = "512Mi"
      concurrency = 20
      timeout     = 60
    }
    push-to-blynk = {
      entry_point = "push_to_blynk"
      event       = { type = "created", document = "samples/{id}" }
      memory      = "256Mi"
      concurrency = 1
      timeout     = 60
    }
    on-sample-deleted = {
      entry_point = "on_sample_deleted"
      event       = { type = "deleted", document = "samples/{id}" }
      memory      = "256Mi"
      concurrency = 1
      timeout     = 60
    }
    sweep = {
      entry_point = "sweep"
      event       = null
      memory      = "512Mi"
      concurrency = 1
      timeout     = 1800
    }
  }
  event_functions = { for key, function in local.functions : key => function if function.event != null }
}
