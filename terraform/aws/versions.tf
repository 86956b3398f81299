terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The state lies on your disk unless you say otherwise. It holds no key of a device; for more than one operator keep it in a
  # bucket all the same, see README.md:
  # backend "s3" { key = "howsitgoing" }   then   terraform init -backend-config=bucket=YOUR-STATE-BUCKET
}

provider "aws" {
  region = var.region

  default_tags {
    tags = var.tags
  }
}
