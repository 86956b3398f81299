"""The commands of ``howsitgoing-cloud``, a file each."""
