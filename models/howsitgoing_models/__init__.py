"""The data team's half: from face crops and votes to the model bundle that the edge loads."""
