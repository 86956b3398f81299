"""The commands of ``howsitgoing``, a file each. What is heavy is imported when a command runs, so that ``--help`` is quick."""
