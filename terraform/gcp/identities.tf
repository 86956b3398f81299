resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "${var.name}-${each.key}"
  display_name = "How's it going? runs ${each.value.entry_point}"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "builder" {
  account_id   = "${var.name}-builder"
  display_name = "How's it going? builds the functions"

  depends_on = [google_project_service.api]
}

locals {
  # what each does to documents, by Google's table of methods: ingest creates, and can neither change nor delete; on_sample_deleted
  # has all it needs in its event
  on_documents = {
    ingest        = ["datastore.databases.get", "datastore.entities.create", "datastore.entities.get"]
    push-to-blynk = ["datastore.databases.get", "datastore.entities.get", "datastore.entities.update"]
    sweep         = ["datastore.databases.get", "datastore.entities.delete", "datastore.entities.get", "datastore.entities.list"]
  }
}

resource "google_project_iam_custom_role" "documents" {
  for_each = local.on_documents

  role_id     = replace("${var.name}_${each.key}_documents", "-", "_")
  title       = "How's it going? ${each.key} and documents"
  permissions = each.value

  depends_on = [google_project_service.api]
}

# Firestore has no grants below the project; the condition narrows them to the one database.
resource "google_project_iam_member" "documents" {
  for_each = local.on_documents

  project = var.project
  role    = google_project_iam_custom_role.documents[each.key].id
  member  = google_service_account.function[each.key].member

  condition {
    title      = "this database alone"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.this.name}\""
  }
}

resource "google_project_iam_member" "events" {
  for_each = local.event_functions

  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.function[each.key].member
}

locals {
  # what each does to crops, and nothing else: ingest writes one, looks whether it has it already, and takes it back if the
  # document can't be written
  on_faces = {
    ingest            = ["storage.objects.create", "storage.objects.delete", "storage.objects.get"]
    on-sample-deleted = ["storage.objects.delete"]
    sweep             = ["storage.objects.delete", "storage.objects.get", "storage.objects.list"]
  }
}

resource "google_project_iam_custom_role" "faces" {
  for_each = local.on_faces

  role_id     = replace("${var.name}_${each.key}_faces", "-", "_")
  title       = "How's it going? ${each.key} and crops"
  permissions = each.value

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_iam_member" "faces" {
  for_each = local.on_faces

  bucket = google_storage_bucket.faces.name
  role   = google_project_iam_custom_role.faces[each.key].id
  member = google_service_account.function[each.key].member
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  repository = google_artifact_registry_repository.functions.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.builder.member
}

resource "google_project_iam_member" "builder_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.builder.member
}

# Cloud Functions copies the zip to a bucket of its own, and builds from there.
resource "google_project_iam_member" "builder_reads" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.builder.member

  condition {
    title = "source of functions alone"
    expression = join(" || ", [
      "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")",
      "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.source.name}\")",
    ])
  }
}
