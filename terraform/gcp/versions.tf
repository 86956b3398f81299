terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # The state lies on your disk unless you say otherwise. For more than one operator keep it in a bucket, see README.md:
  # backend "gcs" { prefix = "howsitgoing" }   then   terraform init -backend-config=bucket=YOUR-STATE-BUCKET
}

provider "google" {
  project = var.project
  region  = var.region

  # budgets are billed to a project, and it is this one
  user_project_override = true
  billing_project       = var.project
}
