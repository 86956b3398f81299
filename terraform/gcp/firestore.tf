resource "google_firestore_database" "this" {
  name        = var.database
  location_id = local.firestore_location
  type        = "FIRESTORE_NATIVE"

  # Point-in-time recovery would keep for seven days what somebody asked us to erase.
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.api]
}

# Firestore deletes a document within about a day after its expires_at. Its index stays: sweep asks for what is left. The code
# asks by one field at a time, so that no composite index is needed.
resource "google_firestore_field" "expires_at" {
  for_each = toset(["samples", "seen"])

  database   = google_firestore_database.this.name
  collection = each.value
  field      = "expires_at"

  ttl_config {}
}

# Nobody asks for these; without indexes a sample takes less than half the room.
resource "google_firestore_field" "not_indexed" {
  for_each = toset(["event.scores", "image"])

  database   = google_firestore_database.this.name
  collection = "samples"
  field      = each.value

  index_config {}
}

resource "google_firebaserules_ruleset" "firestore" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/../../cloud/rules/firestore.rules")
    }
  }

  depends_on = [google_firestore_database.this]

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_firebaserules_release" "firestore" {
  name         = var.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.database}"
  ruleset_name = "projects/${var.project}/rulesets/${google_firebaserules_ruleset.firestore.name}"

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.firestore] # the provider can't change a release in place
  }
}

# The bucket isn't joined to Firebase, so that no app can reach it at all; should somebody join it, this is in force at once.
resource "google_firebaserules_ruleset" "storage" {
  source {
    files {
      name    = "storage.rules"
      content = file("${path.module}/../../cloud/rules/storage.rules")
    }
  }

  depends_on = [google_project_service.api]

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_firebaserules_release" "storage" {
  name         = "firebase.storage/${google_storage_bucket.faces.name}"
  ruleset_name = "projects/${var.project}/rulesets/${google_firebaserules_ruleset.storage.name}"

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.storage]
  }
}
