from graftwork.cli.main import main

main()
