f() -> [$é, case $éend of _ -> $\é end].
