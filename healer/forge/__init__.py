"""Pull and merge requests on the forge of the repository: GitHub, GitLab, Gitea, Forgejo."""
