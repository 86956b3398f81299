variable "region" {
  description = "Where AWS IoT Core runs, for example eu-central-1."
  type        = string
  default     = "eu-central-1"
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region looks like eu-central-1 or us-east-1 (an availability zone such as eu-central-1a is not one)."
  }
}

variable "name" {
  description = "What everything that is made begins with."
  type        = string
  default     = "howsitgoing"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "The name has 3 to 32 lower-case letters, digits and hyphens and begins with a letter."
  }
}

variable "tags" {
  description = "Put on everything that is made, for example to find it on the bill."
  type        = map(string)
  default     = {}
}

variable "csr_folder" {
  description = "Certificate signing requests, as 'howsitgoing aws join' makes them on the device: devices/DEVICE.csr, and bridges/NAME.csr for a home's broker."
  type        = string
  default     = "csr"
  validation {
    condition     = alltrue([for file in fileset(var.csr_folder, "devices/*.csr") : can(regex("^devices/[a-z0-9][a-z0-9_-]{0,31}\\.csr$", file))])
    error_message = "A device's file is named after its id: devices/DEVICE.csr, 1 to 32 lower-case letters, digits, hyphens and underscores, the first a letter or digit."
  }
  validation {
    condition     = alltrue([for file in fileset(var.csr_folder, "bridges/*.csr") : can(regex("^bridges/[a-z0-9][a-z0-9_-]{0,31}\\.csr$", file))])
    error_message = "A bridge's file is bridges/NAME.csr: 1 to 32 lower-case letters, digits, hyphens and underscores, the first a letter or digit."
  }
  validation {
    condition     = length(setintersection([for file in fileset(var.csr_folder, "devices/*.csr") : basename(file)], [for file in fileset(var.csr_folder, "bridges/*.csr") : basename(file)])) == 0
    error_message = "A bridge must not bear a device's name: whichever connects last would throw the other out."
  }
}

variable "availability_zip" {
  description = "What 'make availability-zip' has built."
  type        = string
  default     = "../../dist/availability.zip"
  validation {
    condition     = fileexists(var.availability_zip)
    error_message = "There is no such file. Build it in the clone's root: make availability-zip"
  }
}

variable "revoked" {
  description = "Devices and bridges that may no longer connect. Their certificates are set inactive; AWS IoT then ends their connection."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for name in var.revoked : anytrue([for kind in ["devices", "bridges"] : fileexists("${var.csr_folder}/${kind}/${name}.csr")])])
    error_message = "Only what has a CSR in csr_folder can be revoked; look for a typing error. A device whose file is removed loses its certificate anyway."
  }
}

variable "log_retention_days" {
  description = "How long AWS IoT's own log and the record of who connected are kept."
  type        = number
  default     = 30
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "manage_logging" {
  description = "Sets AWS IoT's logging, of which there is one for the account and region. False if something else sets it."
  type        = bool
  default     = true
}

variable "alert_emails" {
  description = "Who is told of too many connections and of the budget. AWS asks each address to confirm."
  type        = set(string)
  default     = []
  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "An alert goes to an address such as operator@example.org."
  }
}

variable "connects_per_hour" {
  description = "How often each device and bridge may connect in an hour before an alarm is raised."
  type        = number
  default     = 30
  validation {
    condition     = var.connects_per_hour >= 1 && floor(var.connects_per_hour) == var.connects_per_hour
    error_message = "A whole number of at least 1."
  }
}

variable "budget" {
  description = "Monthly budget of AWS IoT in US dollars; no budget is made if null. AWS warns at 80 and 100 %; it does not switch anything off."
  type        = number
  default     = 5
  validation {
    condition     = var.budget == null || try(var.budget > 0, false)
    error_message = "The budget is more than 0, or null."
  }
}
