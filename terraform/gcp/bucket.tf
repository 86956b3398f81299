resource "google_storage_bucket" "faces" {
  #checkov:skip=CKV_GCP_78:versions would keep a face that somebody asked us to erase
  #checkov:skip=CKV_GCP_62:access logs name every picture and every reader; Cloud Audit Logs can be switched on where that is wanted
  name                        = coalesce(var.bucket, "${var.project}-${var.name}-faces")
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  versioning {
    enabled = false
  }

  # Erased is erased: Google's default would keep a deleted face for another week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # The net below on_sample_deleted: should that ever fail, the crop goes a day after its document.
  lifecycle_rule {
    condition {
      age            = var.retention_days + 1
      matches_prefix = ["faces/"]
    }
    action {
      type = "Delete"
    }
  }

  lifecycle_rule {
    condition {
      age = 1
    }
    action {
      type = "AbortIncompleteMultipartUpload"
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_78:an archive's name holds its hash, so that a new one never replaces another
  #checkov:skip=CKV_GCP_62:it holds published code and nothing else
  name                        = "${var.project}-${var.name}-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_object" "functions" {
  bucket = google_storage_bucket.source.name
  name   = "functions-${filesha256(var.functions_zip)}.zip"
  source = var.functions_zip
}
